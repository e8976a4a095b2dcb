"""Retouching: defects of a photograph are measured, and mended where the measurement is sure.

Start at `repair.repair`, which knows each by its name in `vocabulary.REPAIRS`. `exposing` has the light and its colour, `eyes` red eyes, `blemishes` dust, spots and
scratches; `tilt` and `stance` measure how far a picture leans and how its camera was held, for `rotation_change`. What cannot be told from a detail of the picture is left, and said.
"""
