"""How published checkpoint files are mapped to our networks.

Start at `recognise`: what a file or folder is, by the names and shapes in its header. `compvis` and `anysd` give a network's weights by its own names,
`reading` maps tensors into memory.
"""
