"""How the printed scheme looks: A4, the faces of Chinese official documents by name with what stands in for them.

Tables break between rows, never within one, and repeat their heads; the wide annex lies on its side. Nothing is
fetched and no script runs, so the page prints the same from any desk.
"""

#: 小标宋 for the title, 黑体 for heads, 楷体 for notes, 仿宋 for the text, as GB/T 9704 has them.
CSS = """
@page { size: A4 portrait; margin: 24mm 20mm 20mm 22mm; @bottom-center { content: "— " counter(page) " —"; font-size: 10pt; } }
@page wide { size: A4 landscape; margin: 18mm 15mm 16mm 15mm; }
:root { --rule: #555; --shade: #eef1f4; --note: #666; }
* { box-sizing: border-box; }
html { color: #111; background: #fff; }
body {
  max-width: 190mm; margin: 0 auto; padding: 10mm 6mm; font-size: 12pt; line-height: 1.75;
  font-family: "FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong", "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun", serif;
}
h1, h2, h3, th, .block td { font-family: "SimHei", "黑体", "Heiti SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif; }
h1 {
  font-family: "FZXiaoBiaoSong-B05S", "方正小标宋简体", "STZhongsong", "华文中宋", "Noto Serif CJK SC", "SimSun", serif;
  font-size: 21pt; line-height: 1.4; font-weight: 700; text-align: center; margin: 6mm 0 3mm; text-wrap: balance;
}
.number { text-align: center; margin: 0 0 5mm; }
.sample {
  border: 1px solid var(--rule); padding: 2mm 4mm; margin: 0 auto 6mm; text-align: center; width: fit-content; max-width: 100%;
  font-family: "KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "STKaiti", "Noto Serif CJK SC", serif;
}
h2 { font-size: 14pt; font-weight: 400; margin: 6mm 0 2mm; break-after: avoid; }
h3 { font-size: 12pt; font-weight: 400; margin: 5mm 0 2mm; break-after: avoid; }
p { margin: 0; text-indent: 2em; text-align: justify; orphans: 2; widows: 2; }
p.number, p.sample, p.note { text-indent: 0; }
p.note, caption { font-size: 9.5pt; color: var(--note); }
table { width: calc(100% - 1px); border-collapse: collapse; margin: 2mm 0 4mm; font-size: 9.5pt; line-height: 1.45; table-layout: fixed; }
caption { caption-side: bottom; text-align: left; padding-top: 1mm; }
th, td { border: 0.6pt solid var(--rule); padding: 1.2mm 1.6mm; vertical-align: middle; overflow-wrap: anywhere; }
th { font-weight: 400; background: var(--shade); text-align: center; text-wrap: balance; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
td.mid { text-align: center; }
td.num { text-align: right; font-variant-numeric: tabular-nums; padding-left: 0.5mm; padding-right: 1mm; overflow-wrap: normal; }
tr.block { break-after: avoid; }
tr.block td { background: var(--shade); }
td .more { display: block; margin-top: 0.6mm; color: #333; font-size: 8.5pt; }
.items col.seq { width: 11mm; } .items col.name { width: 25mm; } .items col.points { width: 12mm; }
.items col.who { width: 22mm; } .items col.how { width: 25mm; }
.annex { page: wide; break-before: page; }
.annex h2 { text-align: left; }
.matrix { font-size: 8.5pt; line-height: 1.3; break-inside: avoid; }
.changed { font-size: 8.5pt; line-height: 1.3; }
.changed col.unit { width: 24mm; } .changed col.name { width: 46mm; } .changed col.value { width: 26mm; }
.matrix td { padding-top: 0.6mm; padding-bottom: 0.6mm; }
.matrix th { font-size: 8pt; padding: 1mm 0.8mm; }
.matrix th .unit { display: block; color: #444; }
.matrix col.unit { width: 19mm; }
.matrix sup { font-size: 6.5pt; line-height: 0; }
.terms { break-before: page; page: auto; }
.terms col.name { width: 42mm; } .terms col.unit { width: 16mm; }
@media print { body { max-width: none; padding: 0; } }
@media screen { body { box-shadow: 0 0 0 1px #ddd; } .annex { overflow-x: auto; } }
"""
