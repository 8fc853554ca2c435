namespace ModelCompiler.Tool.Terminal;

/// <summary>The version of this program, which is that of every part of the product.</summary>
internal static class ToolVersion
{
    public static string Text { get; } = typeof(ToolVersion).Assembly.GetName().Version!.ToString(3);
}
