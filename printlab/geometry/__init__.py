"""Reading, checking, measuring and drawing meshes. Runs only inside the sandbox, never in the server's process."""
