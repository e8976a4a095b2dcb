"""Ready networks for the diffusion systems: from packaged mini weights, or from published ones, to one value with one shape.

Start at `open` (one door to every denoiser) and `contract` (what comes out of it). `mini` and `published` read networks, `layouts/` knows how others name
their tensors, `ready` puts them together, with `lora`, on a `device`; `pipelines` runs other people's editors as a whole.
Needs the extra `torch`; importing this package alone imports no torch.
"""
