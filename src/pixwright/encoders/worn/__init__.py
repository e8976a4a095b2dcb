"""What somebody wears, and hair and skin: a small network that labels the cells of a crop about a person. Start in `labeller.py`."""
