"""The one look at a picture that all evaluators share."""
