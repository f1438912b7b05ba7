"""The helper on staff PCs that opens files in place, and how it is packed. It imports nothing of ours itself."""
