"""Surfaces of things: `surface` parts shading from colour, `substances` and `patterns` are what is laid on, `noise` is their raw stuff."""
