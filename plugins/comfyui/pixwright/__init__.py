"""ComfyUI (V3): the node "Edit by Instruction (pixwright)". It asks a pixwright server; torch and PIL are those that ComfyUI brings."""

from .node import comfy_entrypoint

__all__ = ["comfy_entrypoint"]
