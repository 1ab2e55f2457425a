package markup_test

import (
	"strings"
	"testing"

	"otklik/internal/source/markup"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Яма у школы": "Яма у школы",
		"  Яма \t у\u00a0школы \r\n\r\n\r\n\r\nвторая неделя ": "Яма у школы\n\nвторая неделя",
		"<p>Первый.</p><p>Второй<br>ряд</p>":                   "Первый.\n\nВторой\nряд",
		"&lt;p&gt;Дважды &amp;amp; скрыто&lt;/p&gt;":           "Дважды & скрыто",
		"a < b и c > d": "a < b и c > d",
		"Фонарь&nbsp;№&#8470; &laquo;не горит&raquo;":                          "Фонарь №№ «не горит»",
		"<ul><li>раз<li>два</ul>после":                                         "раз\nдва\nпосле",
		"до<script>alert('<b>')</script><style>p{}</style><!-- тайна -->после": "допосле",
		"<iframe src=x><p>внутри</iframe>после":                                "после",
		"сло\u00adво\u200b и \u202eверх\u202c":                                 "слово и верх",
		"<svg><svg></svg>a</svg>б":                                             "б",
		"":                                                                     "",
		"<a href='javascript:x'>нажми</a> <img src=x onerror=y alt=фото>и смотри": "нажми и смотри",
	} {
		if got := markup.Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"<p>a<br>b", "&lt;p&gt;&amp;", "<script><svg>", "a\x00\xff<![CDATA[b]]>", "<textarea></textarea>x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := markup.Text(s)
		if strings.ContainsAny(got, "\x00\r\u202e\u00ad") || strings.Contains(got, "\n\n\n") || strings.TrimSpace(got) != got {
			t.Errorf("Text(%q) = %q", s, got)
		}
	})
}
