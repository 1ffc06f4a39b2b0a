/** Steps that are tried again after a pause, and with greater requests. */
export const migration0002 = `
-- A step that waits for its next try: not before this time.
ALTER TABLE step ADD COLUMN not_before INTEGER CHECK (not_before IS NULL OR state = 'INITIALIZED');

-- How often its requests had grown since the step's first try.
ALTER TABLE attempt ADD COLUMN growth INTEGER NOT NULL DEFAULT 0 CHECK (growth >= 0);

-- Of this machine, for local studies: what users have set in place of what the specification says. No cores: what
-- runs goes on, nothing more is started.
ALTER TABLE limits ADD COLUMN cores INTEGER CHECK (cores >= 0);
ALTER TABLE limits ADD COLUMN gpus INTEGER CHECK (gpus >= 0);
`;
