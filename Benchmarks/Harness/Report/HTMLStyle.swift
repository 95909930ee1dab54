/// The look of the page, light and dark.
enum HTMLStyle {
    static let text = """
        :root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#59636e;--line:#d9dee4;
        --s1:#2563c9;--s2:#d9640c;--s3:#16895a;--s4:#8a46c4;--s5:#b3254e;--good:#12703f;--bad:#c01f2e;--plain:#59636e}
        @media(prefers-color-scheme:dark){:root{--page:#0f1216;--card:#181c22;--ink:#e6e9ed;--soft:#9aa4af;
        --line:#2c333c;--s1:#6ba4ff;--s2:#ff9d4d;--s3:#4fcb92;--s4:#c592f5;--s5:#ff7d9d;--good:#1a7f4b;--bad:#d02c3b}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",
        "DejaVu Sans",sans-serif}
        main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
        h1{font-size:26px;margin:0}h2{font-size:19px;margin:36px 0 12px}h3{font-size:15px;margin:0}
        .when{color:var(--soft);margin:4px 0 20px}
        .verdict{border-radius:10px;padding:16px 20px;color:#fff}.verdict p{margin:0}
        .verdict .headline{font-size:20px;font-weight:650}
        .good{background:var(--good)}.bad{background:var(--bad)}.plain{background:var(--plain)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:16px}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
        .tile b{display:block;font-size:22px;font-variant-numeric:tabular-nums}.tile span{color:var(--soft);font-size:13px}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:16px}
        figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px 10px}
        .wide{grid-column:1/-1}.wide svg{max-width:900px;margin-left:auto;margin-right:auto}
        figcaption p{margin:2px 0 0;color:var(--soft);font-size:13px}
        svg{display:block;width:100%;height:auto;margin-top:8px}
        svg text{font-family:inherit;fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
        svg .legend{fill:var(--ink)}svg .label{font-size:12px}
        .grid{stroke:var(--line)}.axis{stroke:var(--soft)}
        .line{fill:none;stroke-width:2;stroke-linejoin:round}.key{stroke-width:3;stroke-linecap:round}
        .s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}.s4{stroke:var(--s4)}.s5{stroke:var(--s5)}
        circle{stroke:none!important}rect.bar{stroke:none}
        circle.s1,rect.s1{fill:var(--s1)}circle.s2,rect.s2{fill:var(--s2)}circle.s3{fill:var(--s3)}
        circle.s4{fill:var(--s4)}circle.s5{fill:var(--s5)}
        .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
        table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:6px 12px;border-bottom:1px solid var(--line);vertical-align:top}
        th{color:var(--soft);font-weight:600}tbody tr:last-child>*{border-bottom:0}
        .number{text-align:right;white-space:nowrap}td.ok{color:var(--s3)}td.missed{color:var(--s5);font-weight:700}
        .facts{width:auto;background:var(--card);border:1px solid var(--line)}
        @media print{body{background:#fff}figure,.tile{break-inside:avoid}}
        """
}
