"""Lettering: how a line of text was set, and how to set another one the same way (`setting`)."""
