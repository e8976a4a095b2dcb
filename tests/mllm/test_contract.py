"""The contract can be met without torch, and importing it brings none in."""

import subprocess
import sys


def test_the_contract_needs_no_torch():
    code = "import sys, pixwright.mllm.contract; print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
