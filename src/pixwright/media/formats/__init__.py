"""What the bytes of each format mean: told apart by `sniff`, read and put together without a decoder.

`jpegfile`, `pngfile` and `webpfile` take files apart, `coefficients` copies the blocks of a JPEG, `exif` says what is kept of a photograph's past, and `encode`
writes every format.
"""
