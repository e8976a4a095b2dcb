"""What nouns have to do with the classifier's classes, by sentence embeddings of their names."""
