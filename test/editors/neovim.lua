-- Writes what Neovim shows of a description as JSON.
local out = vim.env.IMGC_TEST
local seen = { filetype = vim.bo.filetype, commentstring = vim.bo.commentstring }

local parser = vim.treesitter.get_parser(0)
parser:parse(true)

-- The captures of tree-sitter at the start of each word.
seen.captures = {}
for _, word in ipairs({ "A comment", "let", "runtime", "openssl", "packages", "nix ''", "copy", "./a", "0644", "PATH" }) do
  local row, column = unpack(vim.fn.searchpos("\\V" .. word, "cnw"))
  local all = vim.treesitter.get_captures_at_pos(0, row - 1, column - 1)
  seen.captures[word] = vim.tbl_map(function(each) return each.capture end, all)
end

-- The parser of Nix is imgspec's own under another name.
seen.nix = {}
for _, region in ipairs(parser:children().nix:included_regions()) do
  local range = region[1]
  table.insert(seen.nix, vim.api.nvim_buf_get_text(0, range[1], range[2], range[4], range[5], {})[1])
end

vim.wo.foldmethod = "expr"
vim.wo.foldexpr = "v:lua.vim.treesitter.foldexpr()"
vim.cmd("normal! zx")
seen.folds = { vim.fn.foldlevel(3), vim.fn.foldlevel(6) }

vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end)
seen.diagnostics = vim.tbl_map(function(each) return each.code end, vim.diagnostic.get(0))

-- A new file, by keys.
vim.cmd("edit! new.imgspec")
vim.api.nvim_feedkeys(vim.keycode('iimage "a" {<CR>packages [<CR>hello<CR>]<CR>}<Esc>'), "x", false)
seen.typed = vim.api.nvim_buf_get_lines(0, 0, -1, false)
vim.api.nvim_feedkeys("ggjgcc", "x", false)
seen.commented = vim.api.nvim_buf_get_lines(0, 1, 2, false)[1]
vim.fn.writefile({ vim.json.encode(seen) }, out)
vim.cmd("qall!")
