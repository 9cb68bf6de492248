#!/usr/bin/env bash
# Opens the pictures of `graph --format svg` in a real Chromium: no text may leave its box, and the longest way is drawn with a stronger line.
# Then opens the page of `sla preview` as wide as a telephone (390 px) and as a desk (1280 px), with everything on it
# unfolded: nothing may be wider than the screen, and the page may ask for nothing.
#   tests/integrations/pages.sh path/to/cutover
set -euo pipefail
cutover=$(realpath "${1:?usage: pages.sh path/to/cutover}")
cd "$(dirname "$0")/../.."

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ]; then
    echo "note: no page was opened: there is no Chromium" >&2
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=0
for example in acme small-team rt-to-zendesk zendesk-to-zammad; do
    {
        printf '<!doctype html><title>waiting</title>'
        "$cutover" graph "examples/$example" --format svg
        cat <<'HTML'
<script>
// As large as it was drawn: in letters of two pixels a browser rounds more than they are high.
document.querySelector("svg").style.maxWidth = "none";
const over = [...document.querySelectorAll("g")].filter(group => {
  const box = group.querySelector(".box");
  if (!box) return false;
  const room = box.getBBox();
  return [...group.querySelectorAll("text")].some(text => {
    const taken = text.getBBox();
    return taken.x < room.x || taken.x + taken.width > room.x + room.width || taken.y < room.y || taken.y + taken.height > room.y + room.height;
  });
});
const width = box => box && parseFloat(getComputedStyle(box).strokeWidth);
const strong = width(document.querySelector(".box.critical")), usual = width(document.querySelector(".box:not(.critical)"));
document.title = JSON.stringify({ boxes: document.querySelectorAll(".box").length, over: over.length, strong: strong > usual });
</script>
HTML
    } >"$work/picture.html"
    "$chromium" --headless --no-sandbox --disable-gpu --host-resolver-rules="MAP * ~NOTFOUND" --user-data-dir="$work/profile" \
        --virtual-time-budget=20000 --dump-dom "file://$work/picture.html" >"$work/dom.html" 2>"$work/log"
    told=$(grep -o '<title>{[^<]*' "$work/dom.html" | head -1 | cut -c8-)
    echo "$example, picture: $told"
    case $told in
        '{"boxes":'[1-9]*',"over":0,"strong":true}') ;;
        *) failed=1 ;;
    esac
done
for example in acme rt-to-zendesk zendesk-to-zammad; do
    "$cutover" sla preview "examples/$example" --format html >"$work/page.html"
    for width in 390 1280; do
        # A frame has the width that it is given; windows have a smallest one.
        cat >"$work/frame.html" <<HTML
<!doctype html><title>waiting</title><iframe width="$width" height="2000" style="border:0" src="page.html"></iframe>
<script>
document.querySelector("iframe").onload = event => {
  const page = event.target.contentDocument, wide = page.defaultView.innerWidth;
  page.querySelectorAll("details").forEach(details => details.open = true);
  const scrolls = box => box && (["auto", "scroll"].includes(getComputedStyle(box).overflowX) || scrolls(box.parentElement));
  const over = [...page.body.querySelectorAll("*")].filter(box => box.getBoundingClientRect().right > wide + 1 && !scrolls(box.parentElement));
  const asked = page.defaultView.performance.getEntriesByType("resource").map(entry => entry.name);
  document.title = JSON.stringify({ wide, page: page.documentElement.scrollWidth, over: over.length, asked, articles: page.querySelectorAll("article").length });
};
</script>
HTML
        "$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars --allow-file-access-from-files --host-resolver-rules="MAP * ~NOTFOUND" \
            --user-data-dir="$work/profile" --window-size=1400,2100 --virtual-time-budget=20000 --dump-dom "file://$work/frame.html" >"$work/dom.html" 2>"$work/log"
        told=$(grep -o '<title>[^<]*' "$work/dom.html" | head -1 | cut -c8-)
        echo "$example, $width px: $told"
        case $told in
            '{"wide":'"$width"',"page":'"$width"',"over":0,"asked":[],"articles":'[1-9]*) ;;
            *) failed=1 ;;
        esac
    done
done
[ "$failed" = 0 ] || { echo "a page is wider than its screen, asks for something, or is empty; or a text leaves its box" >&2; exit 1; }
