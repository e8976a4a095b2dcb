"""Gaussians that a scene did not hold: a thing from a cut-out (`form`, `place`, `things`), letters on a surface (`letters`), what lies behind everything (`surround`)."""
