"""Diffusion networks, guidance and samplers in torch: what diffusers' networks and schedulers lack.

Start at `sampling` (from noise to latents), `denoise` and `guidance` (one guided prediction). `experts`, `routing`, `projector` and `tasks` are AnySD's,
`inversion` and `diffedit` InstructEdit's; `dropout` is for training, `packing` and `reuse` for speed. Nothing here knows an instruction, a path or a model's
name. torch and diffusers come with the extra `torch`; importing this package alone imports neither.
"""
