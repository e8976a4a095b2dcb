"""The node: pictures and words in; pictures, a mask of what changed, and the account in words out."""

from __future__ import annotations

import io

import torch
from comfy_api.latest import ComfyExtension
from comfy_api.latest import io as comfy
from PIL import Image

from .pixwright_client import Server, ServerError, png

LEVELS = 255


class PixwrightEdit(comfy.ComfyNode):
    """IMAGE is float [B,H,W,C] from 0 to 1, MASK float [B,H,W] with 1 where to edit."""

    @classmethod
    def define_schema(cls):
        """What the node looks like. Its id never changes: workflows name it."""
        return comfy.Schema(
            node_id="PixwrightEdit",
            display_name="Edit by Instruction (pixwright)",
            category="image/edit",
            description="Edits pictures as the words say, on a pixwright server; says what was done.",
            inputs=[
                comfy.Image.Input("image"),
                comfy.String.Input("instruction", multiline=True, default="make the left car red"),
                comfy.Mask.Input("mask", optional=True),
                comfy.Int.Input("seed", default=0, min=0, max=2**32 - 1),
                comfy.String.Input("server", default=Server().address),
            ],
            outputs=[comfy.Image.Output(), comfy.Mask.Output(), comfy.String.Output()],
        )

    @classmethod
    def execute(cls, image, instruction, mask=None, seed=0, server=""):
        """Each picture of the batch; one that was not changed comes out as it came in."""
        results, changes, told = [], [], []
        for number, one in enumerate(image):
            own = None if mask is None else mask[min(number, len(mask) - 1)]
            try:
                answer = Server(server).edit(
                    _png(one), instruction, None if own is None else _png(own[..., None]), seed
                )
            except ServerError as error:
                raise RuntimeError(str(error)) from None
            after = one[..., :3].cpu() if answer.picture is None else _tensor(answer.picture)
            same = after.shape[:2] == one.shape[:2]
            before = one[..., :3].cpu().mul(LEVELS).round() / LEVELS
            changed = (after - before).abs().amax(-1) > 0 if same else torch.ones(after.shape[:2])
            results.append(after)
            changes.append(changed.float())
            told.append("\n".join(answer.lines))
        return comfy.NodeOutput(torch.stack(results), torch.stack(changes), "\n\n".join(told))


def _png(samples):
    """[H,W,C] from 0 to 1 as a PNG."""
    height, width = samples.shape[:2]
    levels = samples.clamp(0, 1).mul(LEVELS).round().to(torch.uint8).cpu().contiguous()
    return png(width, height, levels.numpy().tobytes())


def _tensor(data):
    """A PNG as [H,W,3] from 0 to 1."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    levels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return levels.reshape(picture.height, picture.width, 3).float() / LEVELS


class PixwrightExtension(ComfyExtension):
    """What ComfyUI asks for its nodes."""

    async def get_node_list(self):
        """The one node."""
        return [PixwrightEdit]


async def comfy_entrypoint() -> ComfyExtension:
    """Called by ComfyUI when it loads the folder."""
    return PixwrightExtension()
