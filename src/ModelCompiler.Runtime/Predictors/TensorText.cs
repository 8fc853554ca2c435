using System.Globalization;
using System.Text;

namespace ModelCompiler.Runtime;

/// <summary>Tensors for logs and debuggers.</summary>
internal static class TensorText
{
    private const int Shown = 8;

    /// <summary>As in <c>float32[1, 10]</c>.</summary>
    public static string TypeOf<T>(ReadOnlySpan<long> shape) => ElementTypes.Of<T>().Name() + TensorShape.Text(shape);

    /// <summary>As in <c>float32[1, 10] { 0.1, 0.7, … }</c>.</summary>
    public static string Of<T>(ReadOnlySpan<T> elements, ReadOnlySpan<long> shape)
    {
        var text = new StringBuilder(TypeOf<T>(shape)).Append(" {");
        for (int i = 0; i < Math.Min(elements.Length, Shown); i++)
        {
            text.Append(i > 0 ? ", " : " ").Append(CultureInfo.InvariantCulture, $"{elements[i]}");
        }

        return text.Append(elements.Length > Shown ? ", … }" : " }").ToString();
    }
}
