"""The packaged networks behind one lazy value: picture, text, music and reading. No torch: onnxruntime only."""
