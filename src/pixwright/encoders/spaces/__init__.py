"""Published networks in the aligned encoder's place, opened by `opening`: ImageBind, or CLIP and CLAP."""
