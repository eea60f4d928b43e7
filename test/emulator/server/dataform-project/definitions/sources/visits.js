declare({ schema: "raw", name: "visits" });
