package vkfake

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// A demand is a captcha that stands before a method until somebody answers it.
type demand struct {
	number int  // of the picture that counts
	link   bool // it is answered in a browser, at a page of the network
}

// Demand makes the calls of a method end with error 14 until they carry the words of the
// picture; link makes VK ask for a look at a page of its own instead, which Satisfy ends.
func (f *Fake) Demand(method string, link bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.demands == nil {
		f.demands = map[string]*demand{}
	}
	f.demands[method] = &demand{link: link}
}

// Satisfy ends what Demand began: somebody was at VK's page.
func (f *Fake) Satisfy(method string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.demands, method)
}

// CaptchaWords returns what a person reads in the picture of a captcha.
func CaptchaWords(sid string) string {
	n, _ := strconv.Atoi(strings.TrimPrefix(sid, "captcha"))
	return fmt.Sprintf("%04d", (n*7919+1234)%10000)
}

// demanded answers a call before which a captcha stands; nil lets it through. The caller
// holds the lock.
func (f *Fake) demanded(method string, r *http.Request) map[string]any {
	d := f.demands[method]
	if d == nil {
		return nil
	}
	sid := fmt.Sprintf("captcha%d", d.number)
	if !d.link && d.number > 0 && r.Form.Get("captcha_sid") == sid && r.Form.Get("captcha_key") == CaptchaWords(sid) {
		delete(f.demands, method)
		return nil
	}
	f.captchas++
	d.number = f.captchas
	at := url.URL{Scheme: "http", Host: r.Host, Path: strings.TrimSuffix(r.URL.Path, "method/"+method) + fmt.Sprintf("captcha/%d.png", d.number)}
	e := refusal(14, method, r)
	delete(e, "redirect_uri")
	e["captcha_sid"], e["captcha_img"] = fmt.Sprintf("captcha%d", d.number), at.String()
	if d.link {
		e["redirect_uri"] = strings.Replace(at.String(), "captcha/", "not_robot/", 1)
	}
	return e
}

// digits are five rows of three points each, for 0 to 9.
var digits = [10]string{"757557", "262227", "717647", "717317", "557711", "747317", "747757", "711244", "757757", "757317"}

// captchaPicture draws the words of a captcha.
func captchaPicture(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(r.PathValue("name"), ".png")
	if _, err := strconv.Atoi(name); err != nil {
		http.NotFound(w, r)
		return
	}
	const scale = 8
	picture := image.NewPaletted(image.Rect(0, 0, 4*4*scale+scale, 8*scale), color.Palette{color.White, color.Gray{40}})
	for k, c := range CaptchaWords("captcha" + name) {
		for y, row := range digits[c-'0'] {
			for x := range 3 {
				if (row-'0')>>(2-x)&1 == 0 {
					continue
				}
				for i := range scale * scale {
					picture.SetColorIndex((1+4*k+x)*scale+i%scale, (1+y)*scale+i/scale, 1)
				}
			}
		}
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_ = png.Encode(w, picture)
}
