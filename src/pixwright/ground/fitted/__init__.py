"""Small rules of the finder whose numbers were fitted to the development pairs, not set by eye.

`inside` votes which pixels of a box are its thing, `weighing` which of a phrase's candidates is meant, `clicked`
which of the things at a point. The numbers lie beside them as JSON, a name each;
`recipes/fit/` fits them anew.
"""
