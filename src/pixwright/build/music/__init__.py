"""Pieces of music by mood, tempo, mode and instrument: composed here, played by a soundfont or by a small synthesiser of our own."""
