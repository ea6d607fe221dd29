-- A user who is logged in writes with an address of their own. Postfix has checked the address of the envelope
-- (smtpd_sender_login_maps); readers see the one of the From line, so it must be the same. A tag (ada+news) makes no
-- difference. Reports such as read receipts have no address in their envelope (RFC 8098 section 2.1): for these, and always,
-- <user>@<mail domain> is allowed, which is the user's in any case.
local rspamd_logger = require 'rspamd_logger'

local domains = {}
for line in io.lines(rspamd_paths['LOCAL_CONFDIR'] .. '/local.d/mail-domains') do
  domains[line] = true
end

local refusal = 'The From line must be the address with which the email is sent. Look at the settings of the account in your mail program.'

-- In lower case and without a tag; nil for what has no domain.
local function plain(address)
  local name, domain = address:lower():match('^(.*)@([^@]*)$')
  if not name then return nil end
  return name:gsub('%+.*$', '') .. '@' .. domain
end

-- The only From line. Mail programs could read several, or one that is written in a strange way, differently than we do.
local function only_from(task)
  local found = nil
  local headers = '\n' .. tostring(task:get_raw_headers()):gsub('\r\n?', '\n')
  for name in headers:gmatch('\n([^%s:]+)[ \t]*:') do
    if name:lower() == 'from' then
      if found then return nil end
      found = true
    end
  end
  local addresses = task:get_from('mime')
  if not found or not addresses or #addresses ~= 1 then return nil end
  local text = tostring(task:get_header_raw('From') or ''):gsub('\\.', ''):gsub('"[^"]*"', '')
  local _, signs = text:gsub('@', '')
  if signs ~= 1 then return nil end
  return plain(addresses[1].addr or '')
end

local function is_own(task, user)
  local from = only_from(task)
  if not from then return false end
  local envelope = task:get_from('smtp')
  if envelope and envelope[1] and from == plain(envelope[1].addr or '') then return true end
  local name, domain = from:match('^(.*)@([^@]*)$')
  return name == user:lower() and domains[domain] == true
end

rspamd_config:register_symbol({
  name = 'HAVEN_FROM_HEADER',
  type = 'prefilter',
  priority = 10,
  callback = function(task)
    local user = task:get_user()
    if not user or user == '' then return end
    -- What can't be judged is refused, too.
    local judged, own = pcall(is_own, task, user)
    if not judged then rspamd_logger.errx(task, 'From line of %s: %s', user, own) end
    if judged and own then return end
    task:set_pre_result({ action = 'reject', message = refusal, module = 'haven_from_header' })
  end,
})
