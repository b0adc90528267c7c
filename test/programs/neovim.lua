-- Drives Neovim with keys and its language client, and writes the results as JSON.
-- Neovim 0.7 (Debian 12) has vim.lsp.start_client. Steps wait in a coroutine so that the editor's loop continues.
local node, imgc, out = unpack(vim.fn.json_decode(vim.env.IMGC_TEST))
local seen = {}

local step
step = coroutine.create(function()
  local function wait(condition)
    local tries = 0
    while not condition() do
      tries = tries + 1
      assert(tries < 1000, "waited in vain")
      vim.defer_fn(function()
        local ok, message = coroutine.resume(step)
        if not ok then
          seen.error = message
          vim.fn.writefile({ vim.fn.json_encode(seen) }, out)
          vim.cmd("qall!")
        end
      end, 20)
      coroutine.yield()
    end
  end
  local function line(number)
    return vim.api.nvim_buf_get_lines(0, number - 1, number, false)[1]
  end
  local function keys(text)
    vim.api.nvim_input(vim.api.nvim_replace_termcodes(text, true, false, true))
  end

  local client = vim.lsp.start_client({
    cmd = { node, imgc, "lsp", "--stdio" },
    root_dir = vim.fn.getcwd(),
    -- Send changes at once, before the next request.
    flags = { debounce_text_changes = 0 },
  })
  vim.api.nvim_create_autocmd("BufReadPost", {
    pattern = "*.imgspec",
    callback = function(event)
      vim.bo[event.buf].filetype = "imgspec"
      vim.lsp.buf_attach_client(event.buf, client)
    end,
  })
  vim.cmd("edit shop.imgspec")
  vim.bo.omnifunc = "v:lua.vim.lsp.omnifunc"

  -- Diagnostics.
  wait(function() return #vim.diagnostic.get(0) > 0 end)
  local found = vim.diagnostic.get(0)[1]
  seen.diagnostic = { found.lnum, found.col, found.code, found.message }

  -- A fix, applied by the editor.
  local params = vim.lsp.util.make_given_range_params({ found.lnum + 1, found.col }, { found.lnum + 1, found.col })
  params.context = { diagnostics = {} }
  local answer = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 10000)
  vim.lsp.util.apply_workspace_edit(answer[client].result[1].edit, "utf-16")
  wait(function() return #vim.diagnostic.get(0) == 0 end)
  seen.fixed = line(4)

  -- Completion by keys, after a character of two UTF-16 units.
  vim.api.nvim_win_set_cursor(0, { 5, 0 })
  keys("A mani<C-x><C-o>")
  wait(function() return vim.fn.pumvisible() == 1 or line(5):match("manifest") end)
  seen.completed = vim.tbl_map(function(item) return item.word end, vim.fn.complete_info({ "items" }).items)
  keys("<C-n><C-y> docker<Esc>")
  wait(function() return line(5):match("docker$") and vim.fn.mode() == "n" end)
  seen.line = line(5)

  -- A name across files.
  vim.api.nvim_win_set_cursor(0, { 4, line(4):find("%$runtime") + 1 })
  vim.lsp.buf.rename("libs")
  wait(function() return line(4):match("%$libs") end)
  seen.renamed = line(4)
  vim.api.nvim_win_set_cursor(0, { 4, line(4):find("%$libs") + 1 })
  vim.lsp.buf.definition()
  wait(function() return vim.fn.expand("%:t") == "common.imgspec" end)
  seen.jumped = { vim.fn.expand("%:t"), vim.api.nvim_win_get_cursor(0), line(1) }

  -- Formatting.
  vim.cmd("buffer shop.imgspec")
  vim.lsp.buf.formatting_sync(nil, 10000)
  seen.formatted = vim.api.nvim_buf_get_lines(0, 0, -1, false)

  seen.hover = vim.lsp.buf_request_sync(0, "textDocument/hover", {
    textDocument = vim.lsp.util.make_text_document_params(),
    position = { line = 3, character = 3 },
  }, 10000)[client].result.contents.value
  vim.fn.writefile({ vim.fn.json_encode(seen) }, out)
  vim.cmd("qall!")
end)
vim.o.hidden = true
vim.o.completeopt = "menuone,noselect"
assert(coroutine.resume(step))
