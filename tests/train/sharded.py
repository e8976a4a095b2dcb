"""Two processes that train a sharded network on processors: run by `test_train_sharded`, with a cache and a folder. The second is a fork, so that all is imported once.

accelerate shards on GPUs only, so here torch's own sharding stands in its place; the loop is told the same.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from small import networks, run_of
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.utils import clip_grad_norm_

from pixwright.train import loop
from pixwright.train.tasks import DenoiserTask


class Sharding(Accelerator):
    """Every block of the network is a shard of its own."""

    distributed_type = DistributedType.FSDP

    def prepare(self, module, optimiser):
        mesh = init_device_mesh("cpu", (self.num_processes,))
        for block in (*module.unet.down_blocks, *module.unet.up_blocks):
            fully_shard(block, mesh=mesh)
        fully_shard(module, mesh=mesh)
        return module, self.prepare_optimizer(
            torch.optim.AdamW(module.parameters(), lr=optimiser.param_groups[0]["lr"])
        )

    def backward(self, loss):
        loss.backward()

    def clip_grad_norm_(self, parameters, most):
        clip_grad_norm_(parameters, most)


def train(rank: str, cache: Path, out: Path) -> None:
    os.environ |= {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    torch.set_num_threads(1)
    loop._accelerator = lambda settings: Sharding(cpu=True)
    run = run_of("denoiser", steps=4)
    half = loop.Loop(run, DenoiserTask(run, networks(), cache), out)
    half(lambda step: step >= 2)
    rest = loop.Loop(run, DenoiserTask(run, networks(), cache), out, resume=True)
    rest()
    # In one piece: two processes write to one pipe.
    sys.stdout.write(" ".join(map(str, ("losses", *half.progress.losses, *rest.progress.losses))) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    networks()  # diffusers imports what a network is made of when it is made
    other = os.fork()
    train("0" if other else "1", *map(Path, sys.argv[1:]))
    if other:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]))
