"""Names for what boxes of a photograph hold: a small network from the picture encoder's features into the space of words. Start in `namer.py`."""
