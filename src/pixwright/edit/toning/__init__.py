"""Colour and light of a picture: `grade` is a look in sixteen numbers, `lut` applies it, `controls` are photographic sliders.

`light` knows seasons and times of day, `outdoors` what they need to know of a picture, `mood` what sounds ask for.
"""
