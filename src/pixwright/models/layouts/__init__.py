"""How published checkpoint files are mapped to our networks: `recognise` says what a file or folder is, the others give a network's weights by its names."""
