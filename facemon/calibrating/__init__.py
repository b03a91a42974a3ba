"""What the scores are worth on a user's own pictures: labels read, faces judged, errors fitted, a file written."""
