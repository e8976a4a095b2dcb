"""Frozen values that travel between the rooms. Nothing here imports anything of ours or reads a file."""
