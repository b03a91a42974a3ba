"""What a set of pictures says that no single one does."""
