/** Who everybody is to the emulator: it asks nobody for credentials. */
export const LOCAL_USER = "local@localhost";
