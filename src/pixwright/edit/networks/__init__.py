"""Editors that paint by a network: `anysd`, `instructedit` and other people's pipelines (`piped`).

`window` brings a picture of any size to a network and back, `alignment` undoes its shifts, `claims` says what cannot be claimed.
"""
