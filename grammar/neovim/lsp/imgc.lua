return { cmd = { "imgc", "lsp" }, filetypes = { "imgspec" }, root_markers = { "imgc.lock", ".git" } }
