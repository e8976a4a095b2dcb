"""Doors for assistants: the Model Context Protocol over stdin and stdout.

Start at `mcp.serve` (the tools as the protocol has them); `tools` is what they do, `allowed` which files they may touch, `preview` what an assistant sees of a picture.
"""
