require ["duplicate", "envelope", "index", "variables"];
# An email that Postfix delivers once more, because it was killed after Dovecot took it and before its queue knew. The first
# Received line is Dovecot's own; the second is Postfix's, with the id in its queue, which no other email has.
if header :index 2 :matches "Received" "*" {
  set "queued" "${0}";
  if envelope :matches "to" "*" {
    if duplicate :seconds 172800 :uniqueid "${queued} ${0}" {
      discard;
    }
  }
}
