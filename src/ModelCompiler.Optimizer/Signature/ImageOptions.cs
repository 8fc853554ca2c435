using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Signature;

/// <summary>The order in which a model reads the channels of a pixel.</summary>
public enum PixelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,

    /// <summary>One channel: luminance.</summary>
    Gray,
}

/// <summary>What becomes of a picture whose shape is another than the model's.</summary>
public enum PictureFit
{
    /// <summary>It is stretched.</summary>
    Stretch,

    /// <summary>The middle of the right shape is taken.</summary>
    Crop,

    /// <summary>It gets black borders.</summary>
    Pad,
}

/// <summary>
/// Preprocessing of a picture (<c>Image</c> of the item): <c>input: RGB; scale=1/255; mean=0.485,0.456,0.406; std=0.229,0.224,0.225; layout=NCHW;
/// fit=Crop; width=224; height=224</c>. Only the order of the channels must be given.
/// </summary>
public sealed record ImageOptions
{
    /// <summary>The input; null for the only one.</summary>
    public string? Input { get; init; }

    /// <summary>The order in which the model reads the channels.</summary>
    public required PixelOrder Order { get; init; }

    /// <summary>What bytes are multiplied by.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Taken off after scaling: one number, or one for each channel.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>What the rest is divided by: one number, or one for each channel.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1];

    /// <summary>Whether the model reads channels before rows; null where its shape tells.</summary>
    public bool? ChannelsFirst { get; init; }

    /// <summary>What becomes of other shapes.</summary>
    public PictureFit Fit { get; init; }

    /// <summary>The width to resize to where the model leaves it open; null keeps the shape.</summary>
    public int? Width { get; init; }

    /// <summary>The height to resize to where the model leaves it open; null keeps the shape.</summary>
    public int? Height { get; init; }

    /// <summary>The number of channels.</summary>
    public int Channels => Order == PixelOrder.Gray ? 1 : 3;

    /// <summary>Reads the setting.</summary>
    /// <exception cref="CompilerException">A part of it is not understood (OM2317).</exception>
    public static ImageOptions Parse(string text)
    {
        string[] parts = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0) throw Malformed(text, text, "the order of the channels is missing: RGB, BGR or Gray");
        // Names of inputs may hold colons.
        int colon = parts[0].LastIndexOf(':');
        var options = new ImageOptions
        {
            Input = colon > 0 ? parts[0][..colon].TrimEnd() : null,
            Order = Choice<PixelOrder>(text, parts[0], parts[0][(colon + 1)..].Trim()),
        };
        foreach (string part in parts[1..]) options = options.With(text, part);
        foreach (IReadOnlyList<double> numbers in (IReadOnlyList<double>[])[options.Mean, options.Std])
            if (numbers.Count != 1 && numbers.Count != options.Channels) throw Malformed(text, string.Join(",", numbers), $"one number is needed, or {options.Channels}");
        return options;
    }

    private ImageOptions With(string text, string part)
    {
        int at = part.IndexOf('=', StringComparison.Ordinal);
        string key = at < 0 ? part : part[..at].Trim().ToLowerInvariant(), value = part[(at + 1)..].Trim();
        return key switch
        {
            "scale" => this with { Scale = Number(text, part, value) },
            "mean" => this with { Mean = [.. value.Split(',').Select(number => Number(text, part, number))] },
            "std" => this with { Std = [.. value.Split(',').Select(number => Number(text, part, number) is not 0 and var n ? n : throw Malformed(text, part, "nothing can be divided by 0"))] },
            "layout" => this with { ChannelsFirst = value.ToUpperInvariant() switch { "NCHW" => true, "NHWC" => false, _ => throw Malformed(text, part, "it is NCHW or NHWC") } },
            "fit" => this with { Fit = Choice<PictureFit>(text, part, value) },
            "width" => this with { Width = Size(text, part, value) },
            "height" => this with { Height = Size(text, part, value) },
            _ => throw Malformed(text, part, "it is none of scale, mean, std, layout, fit, width and height"),
        };
    }

    private static T Choice<T>(string text, string part, string value) where T : struct, Enum =>
        Enum.GetNames<T>().FirstOrDefault(name => name.Equals(value, StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse<T>(name)
            : throw Malformed(text, part, $"it is one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>A number, or a quotient such as <c>1/255</c>.</summary>
    private static double Number(string text, string part, string value)
    {
        double result = 1;
        string[] numbers = value.Split('/');
        for (int i = 0; i < numbers.Length; i++)
        {
            bool isNumber = double.TryParse(numbers[i], NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
            if (!isNumber || numbers.Length > 2) throw Malformed(text, part, "a number is written with a decimal point, or as 1/255");
            result = i == 0 ? number : result / number;
        }
        return double.IsFinite(result) ? result : throw Malformed(text, part, "the number is not finite");
    }

    private static int Size(string text, string part, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size is > 0 and <= 65536 ? size : throw Malformed(text, part, "it is a number of pixels");

    private static CompilerException Malformed(string text, string part, string reason) => DiagnosticTable.ImageMalformed.Error(text, part, reason);
}
