"""A file's own samples <-> sRGB pixels: `native` for every kind of pixel, `colour` through profiles, `palette` for indices."""
