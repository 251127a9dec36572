"""The page's look. Colours follow the Digital Agency's design tokens
(https://design.digital.go.jp, values of @digital-go-jp/design-tokens: blue-900 #0017C1 and others).
"""

import gradio as gr

FONTS = ("Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Meiryo", "sans-serif")


def theme() -> gr.themes.Base:
    """System fonts only, and a button whose contrast passes WCAG AA."""
    return gr.themes.Base(
        primary_hue="blue", neutral_hue="gray", font=FONTS, font_mono=("monospace",)
    ).set(
        button_primary_background_fill="#0017C1",
        button_primary_background_fill_hover="#00118F",
        button_primary_text_color="#FFFFFF",
        body_background_fill="#FFFFFF",
    )
