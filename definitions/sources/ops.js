// What the loaders write about their own work.
["files", "load_slices"].forEach((name) => declare({ schema: constants.dataset("ops"), name }));
