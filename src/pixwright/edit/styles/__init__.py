"""The hand-made styles, a file for each family. Every style is `(picture HxWx3 uint8, rng) -> picture` of the same size."""
