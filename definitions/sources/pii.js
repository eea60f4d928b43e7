// Contact values as received: the only ones outside the files themselves.
declare({ schema: constants.dataset("pii"), name: "contacts" });
