package config

import (
	"net/url"
	"strings"

	"otklik/internal/fault"
)

// A VKAPI is another network that speaks VK's API: all walls and searches of VK are read
// there, those that people keep and the pool's. Empty: VK itself.
type VKAPI struct {
	URL  string `json:"url"`            // where its methods are: "https://vk.example/method/"
	Page string `json:"page,omitempty"` // and where its pages are
}

func (v VKAPI) validate() error {
	for _, a := range []struct{ field, address string }{{"vk_api.url", v.URL}, {"vk_api.page", v.Page}} {
		u, err := url.Parse(a.address)
		switch {
		case a.address == "" && (a.field == "vk_api.page" || v.Page == ""):
		case err != nil, u.Host == "", u.User != nil, u.Scheme != "https" && u.Scheme != "http", !strings.HasSuffix(u.Path, "/"), u.RawQuery != "":
			return fault.New(fault.Invalid, "%s: is no address of a folder", a.field).At(a.field).Mend(`write it whole, with a slash at the end, as "https://api.vk.com/method/"`)
		}
	}
	return nil
}
