// Contact values as received: the only ones outside the files themselves.
declare({ schema: "pii", name: "contacts" });
