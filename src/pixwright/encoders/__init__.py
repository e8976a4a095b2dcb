"""The packaged networks behind one lazy value. No torch: onnxruntime only.

Start at `bundle` (`Encoders`, what every room is handed). `picture` and `sight` say what is in a picture, `people` where bodies and faces are, `reading` what is
written in it, `text` what words mean, `music` and `signal` what a sound is like; `captioner` and `published` run other people's networks.
"""
